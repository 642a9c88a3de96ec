/* ---
id: ab-features
title:
  ja: 虐待の予防のための気づきの手がかり（こども一人一行）
  en: Signs for preventing abuse, one row a child
purpose: abuse
parameters: {}
--- */
-- これまでの相談、乳幼児期の健診、学校での様子、生活の変化を、こども一人一行に並べる。点は付けない。虐待の態様、通告した人、
-- 支援措置の有無は使わない。きょうだいは、同じ世帯のほかのこども。分からない値は空のままとし、いくつの記録に基づくかを並べて示す。
-- 通告と、48時間以内の安全の確認に代わるものではない。
WITH past AS (
    SELECT m.household_id, count(*) AS children
    FROM center.known k
    JOIN shimin.household_member m USING (resident_id)
    WHERE m.minor AND k.abuse_past
    GROUP BY m.household_id
),
dv AS (
    SELECT m.household_id, bool_or(k.dv_related) AS dv_consulted, count(k.dv_related) AS dv_known
    FROM center.consult_24m k
    JOIN shimin.household_member m USING (resident_id)
    GROUP BY m.household_id
),
parents AS (
    SELECT m.household_id, bool_or(p.handbook OR p.outpatient) AS guardian_psychiatric
    FROM shofuku.psychiatric p
    JOIN shimin.household_member m USING (resident_id)
    WHERE m.guardian
    GROUP BY m.household_id
)
SELECT
    c.resident_id,
    c.grade,
    n.abuse_past,
    coalesce(past.children, 0) - CASE WHEN n.abuse_past THEN 1 ELSE 0 END >= 1 AS sibling_abuse_past,
    n.registered,
    n.active AS case_active,
    dv.dv_consulted,
    dv.dv_known,
    k.checkups_unreached,
    k.checkups_known,
    k.pregnancy_report_week AS late_report,
    k.mother_age_band AS young_mother,
    s.contact_refused,
    s.unseen_days AS unseen,
    s.nurse_rise AS nurse_surge,
    s.teacher_check_body AS body_change,
    s.months_recorded,
    e.enrol_status AS whereabouts_unknown,
    v.moved_in_within_1y,
    v.moves_in_3y AS moves,
    parents.guardian_psychiatric,
    w.aid_state AS on_aid,
    d.aid_class AS school_aid
FROM shimin.child c
LEFT JOIN center.known n ON n.resident_id = c.resident_id
LEFT JOIN past ON past.household_id = c.household_id
LEFT JOIN dv ON dv.household_id = c.household_id
LEFT JOIN kenko.childhood k ON k.resident_id = c.resident_id
LEFT JOIN kyoiku.enrolment e ON e.resident_id = c.resident_id
LEFT JOIN school.signs s ON s.pupil = e.pupil
LEFT JOIN shimin.move v ON v.resident_id = c.resident_id
LEFT JOIN parents ON parents.household_id = c.household_id
LEFT JOIN seifuku.aid w ON w.resident_id = c.resident_id
LEFT JOIN kyoiku.aid d ON d.resident_id = c.resident_id
