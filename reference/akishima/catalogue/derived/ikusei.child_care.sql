-- 保育施設と学童クラブの記録のうち、迎えの続柄と滞納を、こども一人一行で示す。
SELECT child_id AS resident_id, pickup_by, arrears
FROM ikusei.care
