-- 名簿の人と同じ世帯に今住んでいる人。18歳から74歳まで（満年齢）で、名簿にない人は、避難を助けられる。
WITH person AS (
    SELECT
        resident_id,
        home_id,
        year(CAST($as_of AS DATE) + INTERVAL 1 DAY) - year(born)
            - CAST(strftime(CAST($as_of AS DATE) + INTERVAL 1 DAY, '%m%d') < strftime(born, '%m%d') AS INTEGER) AS age
    FROM bosai.resident
    WHERE state = '在住'
)
SELECT
    p.resident_id,
    p.home_id,
    m.resident_id IS NULL AND p.age BETWEEN 18 AND 74 AS able
FROM person p
LEFT JOIN bosai.meibo m USING (resident_id)
WHERE p.home_id IN (SELECT home_id FROM bosai.resident JOIN bosai.meibo USING (resident_id))
