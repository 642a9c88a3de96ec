/* ---
id: va-truancy
title:
  ja: 委託先Aの分析のための、欠席、別室登校及びアセスメントの結果（こども一人一行）
  en: Absence, attending another room and outcomes of assessments, one row a child, for the analysis by vendor A
purpose: analysis_truancy
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  months_recorded: {label: {ja: 今年度の記録のある月の数, en: months recorded this year}}
  absent: {label: {ja: 今年度の欠席日数, en: days absent this year}}
  months_last_year: {label: {ja: 前年度の記録のある月の数, en: months recorded last year}}
  absent_last_year: {label: {ja: 前年度の欠席日数, en: days absent last year}}
  alt_room: {label: {ja: 別室登校・相談室の利用, en: attends another room}}
  outcome: {label: {ja: アセスメントの結果（支援又は見守りが要る）, en: outcome of the assessment (support or watching is needed)}}
--- */
-- 提供物（第18条）のための照会。ここで出た行は、粗くして少数を除いてから、提供物として渡す。
WITH this_year AS (
    SELECT g.resident_id, count(*) AS months_recorded, sum(a.absent) AS absent
    FROM kyoiku.gakurei g
    JOIN school.month a ON a.pupil = g.pupil
    WHERE a.this_year
    GROUP BY g.resident_id
),
last_year AS (
    SELECT g.resident_id, count(*) AS months_last_year, sum(a.absent) AS absent_last_year
    FROM kyoiku.gakurei g
    JOIN school.month a ON a.pupil = g.pupil
    WHERE NOT a.this_year
    GROUP BY g.resident_id
)
SELECT
    c.resident_id,
    c.grade,
    this_year.months_recorded,
    this_year.absent,
    last_year.months_last_year,
    last_year.absent_last_year,
    s.alt_room,
    o.needed AS outcome
FROM shimin.child c
LEFT JOIN this_year ON this_year.resident_id = c.resident_id
LEFT JOIN last_year ON last_year.resident_id = c.resident_id
LEFT JOIN kyoiku.enrolment e ON e.resident_id = c.resident_id
LEFT JOIN school.signs s ON s.pupil = e.pupil
LEFT JOIN center.assessed o ON o.resident_id = c.resident_id
