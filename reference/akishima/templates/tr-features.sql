/* ---
id: tr-features
title:
  ja: 不登校の気づきの手がかり（こども一人一行）
  en: Signs of school non-attendance, one row a child
purpose: truancy
parameters: {}
--- */
-- 今年度と前年度の欠席、遅刻と早退、学校での居場所、転入と転校を、こども一人一行に並べる。点は付けない。
-- 市の学校に籍のないこどもは、欠席が0日なのではなく、分からない。いくつの月の記録に基づくかを並べて示す。
WITH this_year AS (
    SELECT
        g.resident_id,
        count(*) AS months_recorded,
        sum(a.days_required) AS days_required,
        sum(a.absent) AS absent,
        sum(a.absent_but_sick) AS absent_but_sick,
        count(a.absent_but_sick) AS months_sick_known,
        count(*) FILTER (WHERE a.absent >= 3 AND a.absent_last_month >= 3) AS months_running,
        count(a.absent_last_month) AS months_running_known,
        count(*) FILTER (WHERE a.late_early >= 4) AS months_late,
        count(a.late_early) AS months_late_known
    FROM kyoiku.gakurei g
    JOIN school.month a ON a.pupil = g.pupil
    WHERE a.this_year
    GROUP BY g.resident_id
),
last_year AS (
    SELECT g.resident_id, sum(a.absent) AS absent_last_year, count(*) AS months_last_year
    FROM kyoiku.gakurei g
    JOIN school.month a ON a.pupil = g.pupil
    WHERE NOT a.this_year
    GROUP BY g.resident_id
)
SELECT
    c.resident_id,
    c.grade,
    this_year.months_recorded,
    this_year.days_required,
    this_year.absent,
    this_year.absent_but_sick,
    this_year.months_sick_known,
    this_year.months_running,
    this_year.months_running_known,
    this_year.months_late,
    this_year.months_late_known,
    last_year.absent_last_year,
    last_year.months_last_year,
    s.alt_room,
    s.nurse_visits,
    s.ssw_contact,
    e.elsewhere,
    e.enrol_status AS not_enrolled,
    e.transfers,
    v.moved_in_within_1y,
    n.active AS case_active
FROM shimin.child c
LEFT JOIN this_year ON this_year.resident_id = c.resident_id
LEFT JOIN last_year ON last_year.resident_id = c.resident_id
LEFT JOIN kyoiku.enrolment e ON e.resident_id = c.resident_id
LEFT JOIN school.signs s ON s.pupil = e.pupil
LEFT JOIN shimin.move v ON v.resident_id = c.resident_id
LEFT JOIN center.known n ON n.resident_id = c.resident_id
