-- 名簿の人。年齢は誕生日の前日に加わる。独居は、今住んでいる人が世帯に一人だけのとき。
WITH living AS (SELECT home_id, count(*) AS people FROM bosai.resident WHERE state = '在住' GROUP BY home_id)
SELECT
    r.resident_id,
    r.home_id,
    r.name,
    r.born,
    CAST(year(CAST($as_of AS DATE) + INTERVAL 1 DAY) - year(r.born)
        - CAST(strftime(CAST($as_of AS DATE) + INTERVAL 1 DAY, '%m%d') < strftime(r.born, '%m%d') AS INTEGER)
        AS INTEGER) AS age,
    r.ward,
    r.state,
    coalesce(living.people, 0) = 1 AS lives_alone
FROM bosai.meibo m
JOIN bosai.resident r USING (resident_id)
LEFT JOIN living USING (home_id)
