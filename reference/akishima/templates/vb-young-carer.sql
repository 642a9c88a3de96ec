/* ---
id: vb-young-carer
title:
  ja: 委託先Bの分析のための、世帯の介護と欠席（こども一人一行）
  en: Care in the household and absence, one row a child, for the analysis by vendor B
purpose: analysis_young_carer
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  n_siblings_u6: {label: {ja: 就学前のきょうだいの数, en: siblings before school entry}}
  care_max: {label: {ja: 同居の人の最も重い要介護度（0 非該当 〜 8 要介護5）, en: highest care level in the household (0 to 8)}}
  months_recorded: {label: {ja: 今年度の記録のある月の数, en: months recorded this year}}
  absent: {label: {ja: 今年度の欠席日数, en: days absent this year}}
--- */
-- 提供物（第18条）のための照会。ここで出た行は、粗くして少数を除いてから、提供物として渡す。
WITH care AS (
    SELECT m.household_id, max(k.care_level) AS care_max
    FROM kaigo.cert k
    JOIN shimin.household_member m USING (resident_id)
    WHERE NOT k.in_facility
    GROUP BY m.household_id
),
this_year AS (
    SELECT g.resident_id, count(*) AS months_recorded, sum(a.absent) AS absent
    FROM kyoiku.gakurei g
    JOIN school.month a ON a.pupil = g.pupil
    WHERE a.this_year
    GROUP BY g.resident_id
)
SELECT
    c.resident_id,
    c.grade,
    c.n_siblings_u6,
    care.care_max,
    this_year.months_recorded,
    this_year.absent
FROM shimin.child c
LEFT JOIN care USING (household_id)
LEFT JOIN this_year ON this_year.resident_id = c.resident_id
