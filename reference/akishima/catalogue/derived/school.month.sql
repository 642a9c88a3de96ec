-- 今年度と前年度の月ごとの出欠。授業のない月（8月など）は除く。
-- to_date: 今年度の最後の記録の月までにあたる月。前年度の同じ時期と比べるために使う。
-- absent_last_month: 前の授業月の欠席日数。8月を挟むときだけ、2か月前を前の月とみなす。記録が続いていなければ分からない。
WITH held AS (
    SELECT
        pupil,
        month,
        fiscal_year = year(CAST($as_of AS DATE) - INTERVAL 3 MONTH) AS this_year,
        -- 年度の初めから何番目の月か（4月が 0）
        (month(month) + 8) % 12 AS place,
        days_required,
        absent,
        absent - absent_sick AS absent_but_sick,
        late + early AS late_early
    FROM school.attendance
    WHERE days_required > 0
        AND month <= CAST($as_of AS DATE)
        AND fiscal_year BETWEEN year(CAST($as_of AS DATE) - INTERVAL 3 MONTH) - 1
            AND year(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
),
latest AS (
    SELECT max(place) AS place FROM held WHERE this_year
),
before AS (
    SELECT
        *,
        lag(absent) OVER (PARTITION BY pupil ORDER BY month) AS absent_before,
        lag(place) OVER (PARTITION BY pupil ORDER BY month) AS place_before
    FROM held
)
SELECT
    b.pupil,
    b.month,
    b.this_year,
    coalesce(b.place <= l.place, false) AS to_date,
    b.days_required,
    b.absent,
    b.absent_but_sick,
    CASE
        WHEN b.place_before = b.place - 1 OR (b.place = 5 AND b.place_before = 3) THEN b.absent_before
    END AS absent_last_month,
    b.late_early
FROM before b
CROSS JOIN latest l
