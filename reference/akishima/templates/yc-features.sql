/* ---
id: yc-features
title:
  ja: ヤングケアラーの気づきの手がかり（こども一人一行）
  en: Signs of young carers, one row a child
purpose: young_carer
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  household_id: {label: {ja: 世帯の仮の番号, en: pseudonym of the household}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  n_adults: {label: {ja: 65歳未満の大人の数, en: adults under 65}}
  parent_count: {label: {ja: 親の数, en: parents}}
  n_siblings_u6: {label: {ja: 就学前のきょうだいの数, en: siblings before school entry}}
  grandparents_only: {label: {ja: 祖父母とこどもだけの世帯, en: grandparents and children only}}
  care_max: {label: {ja: 最も重い要介護度, en: highest care level}, values_of: kaigo.cert.care_level}
  care_unserved: {label: {ja: 要支援以上でサービスの利用なし, en: "care needed, no service used"}}
  no_adult_carer: {label: {ja: 介護する大人がいない, en: no adult carer}}
  main_carer_known: {label: {ja: 主な介護者の記録がある人の数, en: people whose main carer is recorded}}
  severe_disability: {label: {ja: 同居の大人に重い障害, en: an adult with a severe disability}}
  severe_unserved: {label: {ja: 重い障害でサービスの利用なし, en: "severe disability, no service used"}}
  guardian_psychiatric: {label: {ja: 保護者の精神の手帳・通院, en: a parent under psychiatric care}}
  sibling_pickup: {label: {ja: 世帯でのきょうだいの迎え, en: a sibling fetches a child of the household}}
  pickup_known: {label: {ja: 迎えの記録がある人数, en: children with a record of who fetches them}}
  fetched_by_sibling: {label: {ja: 本人が兄姉に迎えられている, en: is fetched by a sibling}}
  months_recorded: {label: {ja: 記録のある月の数, en: months recorded}}
  absent: {label: {ja: 欠席日数, en: days absent}}
  absent_before: {label: {ja: 前年同時期の欠席日数, en: days absent in the same months last year}}
  months_before: {label: {ja: 前年同時期の記録のある月の数, en: months recorded of the same months last year}}
  months_late: {label: {ja: 遅刻・早退が月3回以上の月の数, en: months with three late or early}}
  months_late_known: {label: {ja: 遅刻・早退の記録のある月の数, en: months with a record of it}}
  homework: {label: {ja: 宿題の未提出, en: homework missing}}
  supplies: {label: {ja: 忘れ物・学用品の不備, en: school supplies missing}}
  fee_delay: {label: {ja: 集金の遅れ, en: school fees late}}
  unpaid: {label: {ja: 給食費・教材費の未納, en: fees for lunch or material unpaid}}
  event_absent: {label: {ja: 行事・部活動に参加できない, en: missed events}}
  interprets: {label: {ja: 家族のための通訳, en: interprets for the family}}
  already_known: {label: {ja: ヤングケアラーとして受理済み, en: already known as a young carer}}
  case_active: {label: {ja: センターで対応中, en: an active case at the centre}}
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
    c.household_id,
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
