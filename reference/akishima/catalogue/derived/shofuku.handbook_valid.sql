-- 照会の日に有効な手帳を、一人と種別・等級ごとに一行で示す。期限の過ぎた手帳、返還された手帳は除く。
-- any_service は、照会の日に有効なサービスの支給決定があること。in_facility は、施設に入所していること。
WITH service AS (
    SELECT resident_id, bool_or(service_type = '施設入所支援') AS in_facility
    FROM shofuku.service
    WHERE service_type IS NOT NULL AND CAST($as_of AS DATE) BETWEEN valid_from AND valid_to
    GROUP BY resident_id
)
SELECT DISTINCT
    h.resident_id,
    h.handbook_kind || h.grade AS grade,
    s.resident_id IS NOT NULL AS any_service,
    coalesce(s.in_facility, false) AS in_facility
FROM shofuku.handbook h
LEFT JOIN service s ON s.resident_id = h.resident_id
WHERE h.issued_on <= CAST($as_of AS DATE)
    AND (h.expires_on IS NULL OR h.expires_on >= CAST($as_of AS DATE))
    AND (h.returned_on IS NULL OR h.returned_on > CAST($as_of AS DATE))
