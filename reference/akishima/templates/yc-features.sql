/* ---
id: yc-features
title:
  ja: ヤングケアラーの気づきの手がかり（こども一人一行）
  en: Signs of young carers, one row a child
purpose: young_carer
parameters: {}
--- */
-- 家族の世話の必要（介護、障害）、世話を担う様子（幼いきょうだい、迎え）、学校での様子を、こども一人一行に並べる。点は付けない。
-- 分からない値は空のままとし、いくつの記録に基づくか（…_known、months_recorded）を並べて示す。
-- 介護と障害は、世帯分離に備えて同じ住まいの大人まで、保護者の通院と迎えは同じ世帯をみる。こどもの障害は使わない。
WITH care AS (
    SELECT
        m.dwelling_id,
        max(k.care_level) AS care_max,
        bool_or(k.care_level >= 2 AND NOT k.any_service) AS care_unserved,
        bool_or(k.main_carer) AS no_adult_carer,
        count(k.main_carer) AS main_carer_known
    FROM kaigo.cert k
    JOIN shimin.household_member m USING (resident_id)
    WHERE NOT k.in_facility
    GROUP BY m.dwelling_id
),
severe AS (
    SELECT
        m.dwelling_id,
        bool_or(h.grade) AS severe_disability,
        bool_or(h.grade AND NOT h.any_service) AS severe_unserved
    FROM shofuku.handbook_valid h
    JOIN shimin.household_member m USING (resident_id)
    WHERE m.grown_up AND NOT h.in_facility
    GROUP BY m.dwelling_id
),
parents AS (
    SELECT m.household_id, bool_or(p.handbook OR p.outpatient) AS guardian_psychiatric
    FROM shofuku.psychiatric p
    JOIN shimin.household_member m USING (resident_id)
    WHERE m.guardian
    GROUP BY m.household_id
),
pickup AS (
    SELECT m.household_id, bool_or(i.pickup_by) AS sibling_pickup, count(i.pickup_by) AS pickup_known
    FROM ikusei.child_care i
    JOIN shimin.household_member m USING (resident_id)
    GROUP BY m.household_id
),
this_year AS (
    SELECT
        g.resident_id,
        count(*) AS months_recorded,
        sum(a.absent) AS absent,
        count(*) FILTER (WHERE a.late_early >= 3) AS months_late,
        count(a.late_early) AS months_late_known
    FROM kyoiku.gakurei g
    JOIN school.month a ON a.pupil = g.pupil
    WHERE a.this_year
    GROUP BY g.resident_id
),
last_year AS (
    SELECT g.resident_id, sum(a.absent) AS absent_before, count(*) AS months_before
    FROM kyoiku.gakurei g
    JOIN school.month a ON a.pupil = g.pupil
    WHERE NOT a.this_year AND a.to_date
    GROUP BY g.resident_id
)
SELECT
    c.resident_id,
    c.grade,
    c.n_adults,
    c.parent_count,
    c.n_siblings_u6,
    c.hh_single_generation_skip AS grandparents_only,
    care.care_max,
    care.care_unserved,
    care.no_adult_carer,
    care.main_carer_known,
    severe.severe_disability,
    severe.severe_unserved,
    parents.guardian_psychiatric,
    pickup.sibling_pickup,
    pickup.pickup_known,
    o.pickup_by AS fetched_by_sibling,
    this_year.months_recorded,
    this_year.absent,
    last_year.absent_before,
    last_year.months_before,
    this_year.months_late,
    this_year.months_late_known,
    s.homework_flag AS homework,
    s.supplies_flag AS supplies,
    s.fee_delay,
    d.unpaid,
    s.event_absent,
    s.teacher_check_interpreter AS interprets,
    n.young_carer AS already_known,
    n.active AS case_active
FROM shimin.child c
LEFT JOIN care ON care.dwelling_id = c.dwelling_id
LEFT JOIN severe ON severe.dwelling_id = c.dwelling_id
LEFT JOIN parents ON parents.household_id = c.household_id
LEFT JOIN pickup ON pickup.household_id = c.household_id
LEFT JOIN ikusei.child_care o ON o.resident_id = c.resident_id
LEFT JOIN this_year ON this_year.resident_id = c.resident_id
LEFT JOIN last_year ON last_year.resident_id = c.resident_id
LEFT JOIN kyoiku.enrolment e ON e.resident_id = c.resident_id
LEFT JOIN school.signs s ON s.pupil = e.pupil
LEFT JOIN kyoiku.aid d ON d.resident_id = c.resident_id
LEFT JOIN center.known n ON n.resident_id = c.resident_id
