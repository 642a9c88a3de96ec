-- アセスメントをした人の結果を、一人一行で示す。結果のない受理、情報不足及び宛名番号の分からない受理は、分からないものとして含まない。
-- 照会の日より後に受理した分は見ない。支援の要否が一度でも「要」となれば「要」とする。
SELECT
    resident_id,
    bool_or(outcome IN ('要支援', '要見守り', '既支援中')) AS needed
FROM center.case
WHERE resident_id IS NOT NULL
    AND outcome IN ('要支援', '要見守り', '既支援中', '支援不要')
    AND accepted_on <= CAST($as_of AS DATE)
GROUP BY resident_id
