-- ヤングケアラーの利用目的に認められていない表（住民記録そのもの）を結び付けた照会。
-- 別表2にない表は、どの項目を使うかに関わらず、記録があるかどうかさえ見られない（第7条）。
SELECT c.resident_id, c.grade, r.move_reason
FROM shimin.child c
JOIN shimin.resident r USING (resident_id)
