/* ---
id: yc-late-months
title:
  ja: 遅刻と早退の多い月の数
  en: Months with many late arrivals or early departures
purpose: young_carer
parameters:
  late_threshold:
    type: integer
    personal: false
    label:
      ja: 一か月の遅刻と早退の回数（以上）
      en: Late arrivals and early departures in a month (at least)
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  months_late: {label: {ja: 遅刻・早退が一定の回数以上の月の数, en: months with so many late or early}}
  months_known: {label: {ja: 遅刻・早退の記録のある月の数, en: months with a record of it}}
--- */
-- 遅刻と早退が合わせて一定の回数以上あった月の数。回数は照会のときに決める。
WITH lateness AS (
    SELECT
        g.resident_id,
        count(*) FILTER (WHERE a.late + a.early >= $late_threshold) AS months_late,
        count(a.late + a.early) AS months_known
    FROM kyoiku.gakurei g
    JOIN school.attendance a ON a.pupil = g.pupil
    GROUP BY g.resident_id
)
SELECT c.resident_id, c.grade, lateness.months_late, lateness.months_known
FROM shimin.child c
LEFT JOIN lateness USING (resident_id)
