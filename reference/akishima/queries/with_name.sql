-- 承認されたひな形と同じ照会に、こどもの氏名を加えたもの。
-- 氏名は本人を直接示す項目なので、どの利用目的でも保有課から出ない（第8条）。住民記録の表も別表2にない（第7条）。
WITH care AS (
    SELECT m.household_id, max(k.care_level) AS care_max, bool_or(k.any_service) AS served
    FROM kaigo.cert k
    JOIN shimin.household_member m USING (resident_id)
    WHERE NOT k.in_facility
    GROUP BY m.household_id
),
absence AS (
    SELECT
        g.resident_id,
        sum(a.absent) AS absent,
        count(*) FILTER (WHERE a.late + a.early >= 3) AS months_late,
        count(a.late + a.early) AS months_known
    FROM kyoiku.gakurei g
    JOIN school.attendance a ON a.pupil = g.pupil
    GROUP BY g.resident_id
)
SELECT
    c.resident_id,
    r.name_kanji,
    c.grade,
    c.n_siblings_u6,
    care.care_max,
    care.served,
    absence.absent,
    absence.months_late,
    absence.months_known
FROM shimin.child c
LEFT JOIN care USING (household_id)
LEFT JOIN absence USING (resident_id)
JOIN shimin.resident r ON r.resident_id = c.resident_id
