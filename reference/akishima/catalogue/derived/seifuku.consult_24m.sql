-- 照会の日までの24か月に困窮相談をした人を、一人一行で示す。plan_state は最も新しい相談のもの。
WITH recent AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY resident_id ORDER BY consult_on DESC, receipt_no DESC) AS place
    FROM seifuku.consult
    WHERE consult_on <= CAST($as_of AS DATE) AND consult_on > CAST($as_of AS DATE) - INTERVAL 24 MONTH
)
SELECT
    resident_id,
    bool_or(consult_type = '住居確保') AS housing,
    max(plan_state) FILTER (WHERE place = 1) AS plan_state,
    bool_or(study_support) AS study_support
FROM recent
GROUP BY resident_id
