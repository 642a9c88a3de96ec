/* ---
id: oc-disaster-check
title:
  ja: 災害の後に気にかけるこども
  en: Children to look after following a disaster
purpose: disaster_check
parameters: {}
columns:
  resident_id: {label: {ja: 仮の番号, en: pseudonym}}
  grade: {label: {ja: 学年（小1=1、中1=7、高1=10）, en: grade (1 to 12)}}
  n_siblings_u6: {label: {ja: 就学前のきょうだいの数, en: siblings before school entry}}
  parent_count: {label: {ja: 同居する父母の数, en: parents in the household}}
--- */
-- 父母が一人までの家庭の小学生。父母の数が分からないこどもは、空のまま出して人が確かめる。
SELECT c.resident_id, c.grade, c.n_siblings_u6, c.parent_count
FROM shimin.child c
WHERE c.grade <= 6 AND (c.parent_count <= 1 OR c.parent_count IS NULL)
