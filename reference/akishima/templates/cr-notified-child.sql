/* ---
id: cr-notified-child
title:
  ja: 通告のあったこども
  en: The child of a notification
purpose: case_response
parameters:
  born: {type: date, personal: true, label: {ja: 生年月日, en: date of birth}}
  town: {type: text, personal: true, label: {ja: 町コード, en: town code}}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  sex: {label: {ja: 性別（1=男、2=女）, en: "sex (1 male, 2 female)"}}
  grade: {label: {ja: 学年（就学前=0、小1=1、中1=7、高1=10）, en: grade (0 to 12)}}
  hh_size: {label: {ja: 世帯人数, en: persons in the household}}
  n_children: {label: {ja: 世帯のこどもの数, en: children in the household}}
  n_adults: {label: {ja: 世帯の65歳未満の大人の数, en: adults below 65}}
  n_siblings_u6: {label: {ja: 就学前のきょうだいの数, en: siblings before school entry}}
  parent_count: {label: {ja: 同居する父母の数, en: parents in the household}}
  school_name: {label: {ja: 学校, en: school}}
  elsewhere: {label: {ja: 市立以外又は区域外の学校, en: at a school elsewhere}}
  not_located: {label: {ja: 居所不明, en: whereabouts not known}}
  active: {label: {ja: 進行中のケース, en: an open case}}
  abuse_past: {label: {ja: 終結した虐待の相談, en: a closed case of abuse}}
  registered: {label: {ja: 要対協の登録, en: registered with the council}}
--- */
-- 通告で告げられた生年月日と町に当てはまるこども。該当なしは、こどもがいないことも、危険がないことも意味しない。
-- 照会の答えを待たずに、関係する課と学校に電話で確かめる（第33条）。
SELECT
    c.resident_id,
    c.sex,
    c.grade,
    c.hh_size,
    c.n_children,
    c.n_adults,
    c.n_siblings_u6,
    c.parent_count,
    e.school_name,
    e.elsewhere,
    e.enrol_status AS not_located,
    k.active,
    k.abuse_past,
    k.registered
FROM shimin.child c
LEFT JOIN kyoiku.enrolment e ON e.resident_id = c.resident_id
LEFT JOIN center.known k ON k.resident_id = c.resident_id
WHERE c.birth_date = $born AND c.town_code = $town
