-- 支援措置の対象者と、その人と同じ世帯又は同じ住まいのこども。期限を過ぎても、課が解除するまでは対象のままとする。
-- こどもの表示がなくても、保護者だけが申し出ている場合があるため、こどもを含める。
WITH flagged AS (
    SELECT resident_id, household_id, dwelling_key FROM shimin.resident WHERE dv_support_flag = '1'
)
SELECT resident_id FROM flagged
UNION
SELECT resident_id
FROM shimin.resident
WHERE (household_id IN (SELECT household_id FROM flagged) OR dwelling_key IN (SELECT dwelling_key FROM flagged))
    AND year(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
        - year(birth_date - INTERVAL 1 DAY - INTERVAL 3 MONTH) - 6 <= 12
