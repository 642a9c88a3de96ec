/* ---
id: pv-features
title:
  ja: 経済的な困りごとの気づきの手がかり（こども一人一行）
  en: Signs of hardship, one row a child
purpose: poverty
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  household_id: {label: {ja: 世帯の仮の番号, en: pseudonym of the household}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  n_children: {label: {ja: 世帯のこどもの数, en: children in the household}}
  on_aid: {label: {ja: 生活保護を受給中, en: receives public assistance}}
  aid_class: {label: {ja: 就学援助の区分, en: school aid}, values_of: kyoiku.aid.aid_class}
  unpaid: {label: {ja: 給食費・教材費の未納, en: fees for lunch or material unpaid}}
  lone_parent_allowance:
    label: {ja: 児童扶養手当の区分, en: allowance for lone parents}
    values_of: kosodate.benefit.hitorioya_allowance
  lone_parent_medical: {label: {ja: ひとり親の医療費助成, en: medical aid for lone parents}}
  report_missing: {label: {ja: 現況届の未提出, en: yearly report missing}}
  unconnected: {label: {ja: 困窮相談で支援プランが未作成, en: "asked for help, no plan yet"}}
  plans_known: {label: {ja: プランの記録がある人数, en: people whose plan is recorded}}
  housing_unstable: {label: {ja: 住居確保の相談, en: asked for help with housing}}
  arrears: {label: {ja: 保育料・育成料の滞納, en: childcare fees in arrears}}
  arrears_known: {label: {ja: 滞納の記録がある人数, en: children with a record of arrears}}
  moves: {label: {ja: 3年以内の転入・転居の回数, en: moves within three years}}
  caries: {label: {ja: 3歳でのう歯の本数, en: decayed teeth at three}}
  supplies: {label: {ja: 忘れ物・学用品の不備, en: school supplies missing}}
  fee_delay: {label: {ja: 集金の遅れ, en: school fees late}}
  case_active: {label: {ja: センターで対応中, en: an active case at the centre}}
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
    c.household_id,
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
