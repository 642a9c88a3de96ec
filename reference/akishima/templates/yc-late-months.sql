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
