-- 今年度の学齢簿を、一人一行で示す。学校の記録（学籍番号）と宛名番号をつなぐ。学年と組は、再識別の個別票（第15条）に使う。
SELECT resident_id, pupil, school_name, grade, class, out_of_area IS NOT NULL AS elsewhere, enrol_status, transfers
FROM kyoiku.gakurei
WHERE fiscal_year = year(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
