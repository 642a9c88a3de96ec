/* ---
id: yc-household-care
title:
  ja: 家族の介護とこどもの出欠
  en: Care in the household and the child's attendance
purpose: young_carer
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  n_siblings_u6: {label: {ja: 就学前のきょうだいの数, en: siblings before school entry}}
  care_max: {label: {ja: 最も重い要介護度, en: highest care level}, values_of: kaigo.cert.care_level}
  served: {label: {ja: 介護サービスの利用, en: uses care services}}
  absent: {label: {ja: 欠席日数, en: days absent}}
  months_late: {label: {ja: 遅刻・早退が月3回以上の月の数, en: months with three late or early}}
  months_known: {label: {ja: 遅刻・早退の記録のある月の数, en: months with a record of it}}
--- */
-- 同居の人の要介護度とサービスの利用、本人の欠席日数、遅刻と早退が合わせて月3回以上あった月の数。
-- 記録のない月は数えず、分かっている月の数（months_known）を並べて示す。
WITH care AS (
    SELECT m.household_id, max(k.care_level) AS care_max, bool_or(k.any_service) AS served
    FROM kaigo.cert k
    JOIN shimin.household_member m USING (resident_id)
    WHERE NOT k.in_facility
    GROUP BY m.household_id
),
absence AS (
    SELECT
        g.resident_id,
        sum(a.absent) AS absent,
        count(*) FILTER (WHERE a.late + a.early >= 3) AS months_late,
        count(a.late + a.early) AS months_known
    FROM kyoiku.gakurei g
    JOIN school.attendance a ON a.pupil = g.pupil
    GROUP BY g.resident_id
)
SELECT
    c.resident_id,
    c.grade,
    c.n_siblings_u6,
    care.care_max,
    care.served,
    absence.absent,
    absence.months_late,
    absence.months_known
FROM shimin.child c
LEFT JOIN care USING (household_id)
LEFT JOIN absence USING (resident_id)
