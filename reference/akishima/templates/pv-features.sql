/* ---
id: pv-features
title:
  ja: 経済的な困りごとの気づきの手がかり（こども一人一行）
  en: Signs of hardship, one row a child
purpose: poverty
parameters: {}
--- */
-- すでに受けている支援（生活保護、就学援助、手当）と、まだ届いていない支援の手がかり（相談、滞納、届出、学校での様子）を、こども
-- 一人一行に並べる。点は付けない。金額と所得は使わない。分からない値は空のままとし、いくつの記録に基づくかを並べて示す。
WITH hardship AS (
    SELECT
        m.household_id,
        bool_or(h.housing) AS housing_unstable,
        bool_or(h.plan_state) AS unconnected,
        count(h.plan_state) AS plans_known
    FROM seifuku.consult_24m h
    JOIN shimin.household_member m USING (resident_id)
    GROUP BY m.household_id
),
fees AS (
    SELECT m.household_id, bool_or(i.arrears) AS arrears, count(i.arrears) AS arrears_known
    FROM ikusei.child_care i
    JOIN shimin.household_member m USING (resident_id)
    GROUP BY m.household_id
)
SELECT
    c.resident_id,
    c.grade,
    c.n_children,
    w.aid_state AS on_aid,
    d.aid_class,
    d.unpaid,
    b.hitorioya_allowance AS lone_parent_allowance,
    b.mc_oya AS lone_parent_medical,
    b.report_missing,
    hardship.unconnected,
    hardship.plans_known,
    hardship.housing_unstable,
    fees.arrears,
    fees.arrears_known,
    v.moves_in_3y AS moves,
    k.caries_3y AS caries,
    s.supplies_flag AS supplies,
    s.fee_delay,
    n.active AS case_active
FROM shimin.child c
LEFT JOIN seifuku.aid w ON w.resident_id = c.resident_id
LEFT JOIN kyoiku.aid d ON d.resident_id = c.resident_id
LEFT JOIN kosodate.benefit b ON b.resident_id = c.resident_id
LEFT JOIN hardship ON hardship.household_id = c.household_id
LEFT JOIN fees ON fees.household_id = c.household_id
LEFT JOIN shimin.move v ON v.resident_id = c.resident_id
LEFT JOIN kenko.childhood k ON k.resident_id = c.resident_id
LEFT JOIN kyoiku.enrolment e ON e.resident_id = c.resident_id
LEFT JOIN school.signs s ON s.pupil = e.pupil
LEFT JOIN center.known n ON n.resident_id = c.resident_id
