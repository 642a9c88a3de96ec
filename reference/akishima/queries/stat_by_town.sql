-- 町ときょうだいの数ごとの、こどもの人数（統計）。
-- 個人の行を含まない集計なので、承認がなくても利用目的「統計」で行える。5人に満たない区分は示さない（第17条）。
SELECT c.town_code, c.n_siblings, count(*) AS children
FROM shimin.child c
GROUP BY c.town_code, c.n_siblings
