-- 照会の日に有効な精神の手帳又は自立支援医療（精神通院）のある人を、一人一行で示す。
WITH found AS (
    SELECT resident_id, true AS handbook, false AS outpatient
    FROM shofuku.handbook
    WHERE handbook_kind = '精神' AND issued_on <= CAST($as_of AS DATE)
        AND (expires_on IS NULL OR expires_on >= CAST($as_of AS DATE))
        AND (returned_on IS NULL OR returned_on > CAST($as_of AS DATE))
    UNION ALL
    SELECT resident_id, false, true
    FROM shofuku.service
    WHERE psych_outpatient AND CAST($as_of AS DATE) BETWEEN valid_from AND valid_to
)
SELECT resident_id, bool_or(handbook) AS handbook, bool_or(outpatient) AS outpatient
FROM found
GROUP BY resident_id
