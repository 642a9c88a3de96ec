-- 同居の大人を一人一行で出そうとする照会。
-- 大人の情報は、こどもの世帯についてまとめた値としてだけ使える。本人でない人が行になることはない（第4条）。
SELECT m.resident_id, k.care_level, k.any_service
FROM shimin.household_member m
JOIN kaigo.cert k USING (resident_id)
