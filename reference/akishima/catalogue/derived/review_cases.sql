-- 虐待の相談、要保護児童対策地域協議会の登録、又は DV に関わる相談がある人。終結したものも含む。
SELECT resident_id
FROM center.case
WHERE resident_id IS NOT NULL AND (main_type = '虐待' OR youtaikyo <> 'なし') AND accepted_on <= CAST($as_of AS DATE)
UNION
SELECT resident_id
FROM center.consult
WHERE resident_id IS NOT NULL AND dv_related AND consulted_on <= CAST($as_of AS DATE)
