-- 照会の日までの24か月に家庭相談をした人を、一人一行で示す。dv_related は、DV に関わるかが一度も書かれていなければ空（不明）。
SELECT resident_id, bool_or(dv_related) AS dv_related
FROM center.consult
WHERE resident_id IS NOT NULL
    AND consulted_on <= CAST($as_of AS DATE) AND consulted_on > CAST($as_of AS DATE) - INTERVAL 24 MONTH
GROUP BY resident_id
