-- こどもの異動の回数。18歳の年度末までの人を一人一行で示す。訂正された行は数えず、同じ日の転入と転居、二度書かれた異動は
-- 一回とする。窓は照会の日までの3年と1年。市外にいた間の転居は分からないので、数えるのは市の記録にある異動だけである。
WITH moved AS (
    SELECT DISTINCT resident_id, changed_on, bool_or(reason = '転入') OVER (PARTITION BY resident_id, changed_on) AS moved_in
    FROM shimin.history
    WHERE NOT corrected AND reason IN ('転入', '転居') AND changed_on <= CAST($as_of AS DATE)
)
SELECT
    r.resident_id,
    CAST(count(m.changed_on) FILTER (WHERE m.changed_on > CAST($as_of AS DATE) - INTERVAL 3 YEAR) AS INTEGER) AS moves_in_3y,
    coalesce(bool_or(m.moved_in AND m.changed_on > CAST($as_of AS DATE) - INTERVAL 1 YEAR), false) AS moved_in_within_1y
FROM shimin.resident r
LEFT JOIN moved m ON m.resident_id = r.resident_id
WHERE r.status <> '死亡'
    AND year(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
        - year(r.birth_date - INTERVAL 1 DAY - INTERVAL 3 MONTH) - 6 <= 12
GROUP BY r.resident_id
