-- 今年度の学校生活の記録と気づきを、児童生徒一人一行で示す。どの月にも書かれていない項目は空（不明）のままにする。
-- nurse_rise: 最後の記録の月の保健室来室が、それまでの月の平均から、ばらつき（1回未満は1回とみなす）の何倍多いかを10倍した
-- 整数。前に三月以上の記録がなければ空（不明）。
WITH held AS (
    SELECT *, row_number() OVER (PARTITION BY pupil ORDER BY month DESC) AS place
    FROM school.life
    WHERE fiscal_year = year(CAST($as_of AS DATE) - INTERVAL 3 MONTH) AND month <= CAST($as_of AS DATE)
),
visits AS (
    SELECT pupil, month, nurse_visits, row_number() OVER (PARTITION BY pupil ORDER BY month DESC) AS place
    FROM held
    WHERE nurse_visits IS NOT NULL
),
rise AS (
    SELECT
        pupil,
        CASE WHEN count(*) FILTER (WHERE place > 1) >= 3 THEN CAST(floor(round(
            10 * (max(nurse_visits) FILTER (WHERE place = 1) - avg(nurse_visits) FILTER (WHERE place > 1))
            / greatest(stddev_pop(nurse_visits) FILTER (WHERE place > 1), 1), 6
        )) AS INTEGER) END AS nurse_rise
    FROM visits
    GROUP BY pupil
)
SELECT
    h.pupil,
    CAST(count(*) AS INTEGER) AS months_recorded,
    bool_or(h.homework_flag) AS homework_flag,
    bool_or(h.supplies_flag) AS supplies_flag,
    bool_or(h.fee_delay) AS fee_delay,
    bool_or(h.event_absent) AS event_absent,
    bool_or(h.alt_room) AS alt_room,
    bool_or(h.ssw_contact) AS ssw_contact,
    bool_or(h.contact_refused) AS contact_refused,
    CAST(max(h.unseen_days) AS INTEGER) AS unseen_days,
    CAST(max(h.nurse_visits) AS INTEGER) AS nurse_visits,
    any_value(r.nurse_rise) AS nurse_rise,
    bool_or(h.teacher_check_interpreter) AS teacher_check_interpreter,
    -- 身なり、体重、けがのどれであるかは課の外へ出さない。
    CASE
        WHEN bool_or(h.teacher_check_appearance OR h.teacher_check_weight OR h.teacher_check_injury) THEN true
        WHEN count(h.teacher_check_appearance) > 0 AND count(h.teacher_check_weight) > 0
            AND count(h.teacher_check_injury) > 0 THEN false
    END AS teacher_check_body
FROM held h
LEFT JOIN rise r ON r.pupil = h.pupil
GROUP BY h.pupil
