-- 通告への対応の利用目的で、こどもの一覧を出そうとする照会。告げられた生年月日と町での照合がない（第33条）。
SELECT c.resident_id, c.grade, c.n_children
FROM shimin.child c
