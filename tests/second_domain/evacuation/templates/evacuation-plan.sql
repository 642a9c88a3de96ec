/* ---
id: evacuation-plan
title: {ja: 個別避難計画の下調べ, en: Groundwork for individual evacuation plans}
purpose: evacuation_plan
parameters:
  ward: {type: text, personal: false, label: {ja: 地区, en: Ward}}
--- */
-- 名簿の人ごとに、世帯に助けられる人が何人いるか、どう運ぶか、電源が要るか。
WITH home AS (
    SELECT m.home_id, bool_or(m.able) AS has_helper
    FROM bosai.member m
    GROUP BY m.home_id
),
care AS (
    SELECT i.resident_id, max(c.care_level) AS care_level
    FROM kaigo.insured i
    JOIN kaigo.cert c ON c.insured_no = i.insured_no
    GROUP BY i.resident_id
)
SELECT l.resident_id, l.age, l.lives_alone, home.has_helper, care.care_level, d.needs_power
FROM bosai.listed l
LEFT JOIN home USING (home_id)
LEFT JOIN care USING (resident_id)
LEFT JOIN shofuku.handbook d USING (resident_id)
WHERE l.ward = $ward
