/* ---
id: tr-features
title:
  ja: 不登校の気づきの手がかり（こども一人一行）
  en: Signs of school non-attendance, one row a child
purpose: truancy
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  household_id: {label: {ja: 世帯の仮の番号, en: pseudonym of the household}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  months_recorded: {label: {ja: 記録のある月の数, en: months recorded}}
  days_required: {label: {ja: 出席すべき日数, en: days of school}}
  absent: {label: {ja: 欠席日数, en: days absent}}
  absent_but_sick: {label: {ja: 欠席日数（病欠を除く）, en: "days absent, illness left out"}}
  months_sick_known: {label: {ja: 病欠の別が分かる月の数, en: months in which illness is told apart}}
  months_running: {label: {ja: 欠席3日以上が2か月続いた月の数, en: "months with three days absent, as in the month before"}}
  months_running_known: {label: {ja: 前の月と比べられる月の数, en: months that can be compared with the one before}}
  months_late: {label: {ja: 遅刻・早退が月4回以上の月の数, en: months with four late or early}}
  months_late_known: {label: {ja: 遅刻・早退の記録のある月の数, en: months with a record of it}}
  absent_last_year: {label: {ja: 前年度の欠席日数, en: days absent last year}}
  months_last_year: {label: {ja: 前年度の記録のある月の数, en: months recorded last year}}
  alt_room: {label: {ja: 別室登校・相談室の利用, en: attends another room}}
  nurse_visits: {label: {ja: 保健室の来室（最も多い月の回数）, en: visits to the nurse in the highest month}}
  ssw_contact: {label: {ja: 教育相談・SSWとのつながり, en: sees a counsellor}}
  elsewhere: {label: {ja: 区域外就学等, en: goes to school elsewhere}}
  not_enrolled: {label: {ja: 在学していない（就学猶予・居所不明）, en: not enrolled}}
  transfers: {label: {ja: 転校回数, en: changes of school}}
  moved_in_within_1y: {label: {ja: 1年以内の転入, en: moved in within a year}}
  case_active: {label: {ja: センターで対応中, en: an active case at the centre}}
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
    c.household_id,
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
