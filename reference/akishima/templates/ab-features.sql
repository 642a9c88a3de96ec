/* ---
id: ab-features
title:
  ja: 虐待の予防のための気づきの手がかり（こども一人一行）
  en: Signs for preventing abuse, one row a child
purpose: abuse
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  household_id: {label: {ja: 世帯の仮の番号, en: pseudonym of the household}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  abuse_past: {label: {ja: 本人のこれまでの虐待の相談, en: an earlier case of the child}}
  sibling_abuse_past: {label: {ja: きょうだいのこれまでの虐待の相談, en: an earlier case of a sibling}}
  registered: {label: {ja: 要対協に登録中, en: registered with the regional council}}
  case_active: {label: {ja: センターで対応中, en: an active case at the centre}}
  dv_consulted: {label: {ja: 世帯にDVの相談, en: domestic violence was spoken of}}
  dv_known: {label: {ja: DVの記録がある人数, en: people with a record of it}}
  checkups_unreached: {label: {ja: 状況の分からない未受診健診の数, en: check-ups missed and never followed up}}
  checkups_known: {label: {ja: 受診状況の分かる健診の数, en: check-ups with a known state}}
  late_report: {label: {ja: 妊娠28週以降の届出, en: pregnancy reported in week 28 or later}}
  young_mother: {label: {ja: 母の年齢が19歳以下, en: mother aged 19 or younger}}
  contact_refused: {label: {ja: 学校からの連絡・面談の拒否, en: refuses contact with the school}}
  unseen: {label: {ja: 7日以上本人を確認できていない, en: not seen for seven days or more}}
  nurse_surge: {label: {ja: 保健室の来室の急な増加, en: a sudden rise of visits to the nurse}}
  body_change: {label: {ja: 身なり・体重・けがの気づき, en: "appearance, weight or injuries noticed"}}
  months_recorded: {label: {ja: 学校生活の記録のある月の数, en: months with a record of school life}}
  whereabouts_unknown: {label: {ja: 居所不明, en: whereabouts unknown}}
  moved_in_within_1y: {label: {ja: 1年以内の転入, en: moved in within a year}}
  moves: {label: {ja: 3年以内の転入・転居の回数, en: moves within three years}}
  guardian_psychiatric: {label: {ja: 保護者の精神の手帳・通院, en: a parent under psychiatric care}}
  on_aid: {label: {ja: 生活保護を受給中, en: receives public assistance}}
  school_aid: {label: {ja: 就学援助の認定, en: school aid granted}}
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
    c.household_id,
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
