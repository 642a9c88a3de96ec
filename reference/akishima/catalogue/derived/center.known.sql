-- センターが知っている人を、一人一行で示す。宛名番号の分からない受理（だれか分からない通告など）は含まない。照会の日より後の受理は見ない。
-- 終結と移管は、進行中としない。
SELECT
    resident_id,
    bool_or(main_type = '虐待' AND (status IN ('終結', '移管'))) AS abuse_past,
    bool_or(status NOT IN ('終結', '移管')) AS active,
    bool_or(main_type = 'ヤングケアラー') AS young_carer,
    bool_or(youtaikyo <> 'なし' AND status NOT IN ('終結', '移管')) AS registered
FROM center.case
WHERE resident_id IS NOT NULL AND accepted_on <= CAST($as_of AS DATE)
GROUP BY resident_id
