-- 手当の区分を、こども一人一行で示す。支給事由、受給者、所得、口座は課の外へ出さない。
SELECT child_id AS resident_id, hitorioya_allowance, mc_oya, report_missing
FROM kosodate.allowance
WHERE granted_from <= CAST($as_of AS DATE)
