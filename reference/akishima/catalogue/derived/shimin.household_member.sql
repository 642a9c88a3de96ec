-- こどもの同居者。対象の学年（1〜12）のこどもがいる世帯の人と、世帯分離で同じ住まいに住む人を一人一行で示す。
-- 支援措置に関わる世帯は、住まいを通じて別の世帯と結び付けない（dwelling_id も世帯ごとの値に替える）。続柄のたどり方は
-- shimin.child と同じ。
WITH hidden AS (
    SELECT DISTINCT household_id FROM shimin.resident WHERE dv_support_flag = '1'
),
person AS (
    SELECT
        r.resident_id,
        r.household_id,
        r.dwelling_key,
        r.birth_date,
        -- 学年: 年齢は誕生日の前日に加わるので、4月1日生まれは上の学年になる。
        CAST(year(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
            - year(r.birth_date - INTERVAL 1 DAY - INTERVAL 3 MONTH) - 6 AS INTEGER) AS grade,
        -- 満年齢（誕生日の前日に加わる。2月29日生まれは毎年2月28日）
        year(CAST($as_of AS DATE) + INTERVAL 1 DAY) - year(r.birth_date)
            - CAST(strftime(CAST($as_of AS DATE) + INTERVAL 1 DAY, '%m%d') < strftime(r.birth_date, '%m%d')
                AS INTEGER) AS age,
        regexp_replace(replace(r.relation, '（未届）', ''), '(夫|妻)の子', '子', 'g') AS line
    FROM shimin.resident r
    WHERE r.status = '現存'
),
step AS (
    SELECT
        *,
        regexp_extract(line, '[^の]+$') AS last,
        regexp_replace(line, 'の?[^の]+$', '') AS base
    FROM person
),
kin AS (
    SELECT
        * EXCLUDE (line, last, base),
        coalesce(grade <= 12, false) AS is_minor,
        coalesce(grade BETWEEN 1 AND 12, false) AS is_target,
        CASE
            WHEN last = '世帯主' THEN ''
            WHEN last IN ('夫', '妻') THEN base
            WHEN last IN ('父', '母') THEN base || '親'
            ELSE line
        END AS unit,
        CASE
            WHEN last = '世帯主' THEN '親'
            WHEN last = '子' THEN base
            WHEN last IN ('兄', '姉', '弟', '妹') THEN base || '親'
            WHEN last IN ('夫', '妻', '父', '母') THEN line || '親'
        END AS parent_unit
    FROM step
),
household AS (
    SELECT
        k.household_id,
        any_value(k.dwelling_key) AS dwelling_key,
        bool_or(k.is_target) AS has_target,
        bool_or(p.household_id IS NOT NULL) AS has_protected
    FROM kin k
    LEFT JOIN hidden p ON p.household_id = k.household_id
    GROUP BY k.household_id
),
-- 対象の世帯と、同じ住まいの別の世帯
wanted AS (
    SELECT household_id FROM household WHERE has_target
    UNION
    SELECT other.household_id
    FROM household h
    JOIN household other ON other.dwelling_key = h.dwelling_key AND other.household_id <> h.household_id
    WHERE h.has_target AND NOT h.has_protected AND NOT other.has_protected
),
guardian AS (
    SELECT DISTINCT m.resident_id
    FROM kin c
    JOIN kin m ON m.household_id = c.household_id AND m.unit = c.parent_unit AND m.resident_id <> c.resident_id
    WHERE c.is_target
        AND (
            c.parent_unit = '' OR c.parent_unit LIKE '%親'
            OR coalesce(m.birth_date + INTERVAL 15 YEAR <= c.birth_date, NOT m.is_minor)
        )
)
SELECT
    m.resident_id,
    m.household_id,
    CASE
        WHEN p.household_id IS NULL THEN m.dwelling_key
        ELSE substr(md5('household ' || m.household_id), 1, 16)
    END AS dwelling_id,
    CASE
        WHEN m.is_minor THEN 'minor'
        WHEN g.resident_id IS NOT NULL THEN 'guardian'
        WHEN m.age >= 65 THEN 'elder'
        ELSE 'adult'
    END AS kind,
    NOT m.is_minor AND g.resident_id IS NOT NULL AS guardian,
    NOT m.is_minor AS grown_up,
    m.is_minor AS minor
FROM kin m
JOIN wanted w ON w.household_id = m.household_id
LEFT JOIN guardian g ON g.resident_id = m.resident_id
LEFT JOIN hidden p ON p.household_id = m.household_id
