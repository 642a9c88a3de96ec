-- 乳幼児期の記録を、こども一人一行で示す。転入前の健診と書かれていない健診は、受けたかどうかが分からない。
-- checkups_unreached: 未受診で状況も分からない健診の数。一つも受診状況が分からなければ空（不明）。
WITH checkup AS (
    SELECT child_id, chk_3m AS state FROM kenko.mch
    UNION ALL
    SELECT child_id, chk_18m FROM kenko.mch
    UNION ALL
    SELECT child_id, chk_3y FROM kenko.mch
),
counted AS (
    SELECT
        child_id,
        count(*) FILTER (WHERE state IN ('受診', '未受診', '未受診把握済')) AS known,
        count(*) FILTER (WHERE state = '未受診') AS unreached
    FROM checkup
    GROUP BY child_id
)
SELECT
    m.child_id AS resident_id,
    CAST(CASE WHEN c.known > 0 THEN c.unreached END AS INTEGER) AS checkups_unreached,
    CAST(c.known AS INTEGER) AS checkups_known,
    m.pregnancy_report_week,
    m.mother_age_band,
    m.caries_3y
FROM kenko.mch m
JOIN counted c ON c.child_id = m.child_id
