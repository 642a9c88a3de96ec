-- 対象のこども。高校3年生の年度の終わりまでの人（就学前を含む）を一人一行で示す。年齢と転出による絞り込みは規程の gates が行う。
-- 続柄は世帯主から見て書かれている。世帯主が誰かで同じ家族の書き方が変わるので、文字を比べるのではなく、続柄を
-- 「の」で分けてたどり、親の代（parent_unit）と自分の代（unit）を求めて比べる。例: 世帯主が祖父なら、こどもは「子の子」で
-- 親の代は「子」、祖父母の代は世帯主夫婦。連れ子（妻の子、夫の子）は子と同じ代に置き、配偶者も親として数える。
-- 支援措置に関わる世帯の dwelling_id は世帯ごとの値に替え、住まいを通じて別の世帯と結び付かないようにする。
WITH hidden AS (
    SELECT DISTINCT household_id FROM shimin.resident WHERE dv_support_flag = '1'
),
person AS (
    SELECT
        r.resident_id,
        r.household_id,
        r.dwelling_key,
        r.birth_date,
        r.sex,
        r.town_code,
        r.status,
        -- 学年: 年齢は誕生日の前日に加わるので、4月1日生まれは上の学年になる。
        CAST(year(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
            - year(r.birth_date - INTERVAL 1 DAY - INTERVAL 3 MONTH) - 6 AS INTEGER) AS grade,
        -- 満年齢（誕生日の前日に加わる。2月29日生まれは毎年2月28日）
        year(CAST($as_of AS DATE) + INTERVAL 1 DAY) - year(r.birth_date)
            - CAST(strftime(CAST($as_of AS DATE) + INTERVAL 1 DAY, '%m%d') < strftime(r.birth_date, '%m%d')
                AS INTEGER) AS age,
        regexp_replace(replace(r.relation, '（未届）', ''), '(夫|妻)の子', '子', 'g') AS line
    FROM shimin.resident r
    WHERE r.status <> '死亡'
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
        last IN ('夫', '妻') AS is_spouse,
        coalesce(grade <= 12, false) AS is_minor,
        -- 自分の代: 夫婦と兄弟姉妹の配偶者は相手と同じ代、父母は二人で一つの代。世帯主夫婦の代は空文字。
        CASE
            WHEN last = '世帯主' THEN ''
            WHEN last IN ('夫', '妻') THEN base
            WHEN last IN ('父', '母') THEN base || '親'
            ELSE line
        END AS unit,
        -- 親の代: 同居人と縁故者の親は、続柄からは分からない。
        CASE
            WHEN last = '世帯主' THEN '親'
            WHEN last = '子' THEN base
            WHEN last IN ('兄', '姉', '弟', '妹') THEN base || '親'
            WHEN last IN ('夫', '妻', '父', '母') THEN line || '親'
        END AS parent_unit
    FROM step
),
child AS (
    SELECT * FROM kin WHERE is_minor
),
present AS (
    SELECT * FROM kin WHERE status = '現存'
),
household AS (
    SELECT
        household_id,
        count(*) AS hh_size,
        count(*) FILTER (WHERE is_minor) AS n_children,
        -- 18歳の年度末を過ぎた65歳未満の人。生年月日の分からない人がいるときは決められない。
        CASE WHEN bool_or(age IS NULL) THEN NULL ELSE count(*) FILTER (WHERE NOT is_minor AND age < 65) END AS n_adults,
        CASE
            WHEN bool_or(age >= 75) THEN true
            WHEN bool_or(age IS NULL) THEN NULL
            ELSE false
        END AS has_75plus
    FROM present
    GROUP BY household_id
),
-- こどもと、同じ世帯のほかの人との間柄
tie AS (
    SELECT
        c.resident_id,
        c.parent_unit,
        m.is_spouse,
        m.is_minor,
        coalesce(m.grade <= 0, false) AS is_preschool,
        -- 「子」や「弟」は何人もいるので、15歳以上年上の人だけを親の候補とする。世帯主夫婦や父母は年齢を問わない。
        m.unit = c.parent_unit AND (
            c.parent_unit = '' OR c.parent_unit LIKE '%親'
            OR coalesce(m.birth_date + INTERVAL 15 YEAR <= c.birth_date, NOT m.is_minor)
        ) AS is_parent,
        m.parent_unit = c.parent_unit AS is_sibling,
        CASE
            WHEN c.parent_unit = '' THEN m.unit IN ('親', '夫親', '妻親')
            WHEN c.parent_unit = '親' THEN m.unit IN ('父親', '母親')
            WHEN c.parent_unit LIKE '%親' THEN m.unit IN (
                regexp_replace(c.parent_unit, '親$', 'の父親'), regexp_replace(c.parent_unit, '親$', 'の母親'))
            WHEN c.parent_unit LIKE '%子' THEN m.unit = regexp_replace(c.parent_unit, 'の?子$', '')
            WHEN regexp_matches(c.parent_unit, '[兄姉弟妹]$')
                THEN m.unit = regexp_replace(c.parent_unit, 'の?[兄姉弟妹]$', '親')
            ELSE false
        END AS is_grandparent
    FROM child c
    JOIN present m ON m.household_id = c.household_id AND m.resident_id <> c.resident_id
),
counted AS (
    SELECT
        resident_id,
        count(*) FILTER (WHERE is_parent AND NOT is_spouse) AS own_line,
        count(*) FILTER (WHERE is_parent AND is_spouse) AS spouses,
        count(*) FILTER (WHERE is_sibling) AS siblings,
        count(*) FILTER (WHERE is_sibling AND is_preschool) AS siblings_u6,
        count(*) FILTER (WHERE is_grandparent) AS grandparents,
        count(*) FILTER (WHERE NOT coalesce(is_grandparent, false) AND NOT is_minor) AS other_adults
    FROM tie
    GROUP BY resident_id
),
-- 世帯分離: 同じ住まいの別世帯に、親でありうる年齢の人がいるか
apart AS (
    SELECT DISTINCT c.resident_id
    FROM child c
    JOIN present m ON m.dwelling_key = c.dwelling_key AND m.household_id <> c.household_id
    WHERE NOT m.is_minor AND coalesce(m.birth_date + INTERVAL 15 YEAR <= c.birth_date, true)
),
judged AS (
    SELECT
        c.*,
        coalesce(n.siblings, 0) AS siblings,
        coalesce(n.siblings_u6, 0) AS siblings_u6,
        coalesce(n.grandparents, 0) AS grandparents,
        coalesce(n.other_adults, 0) AS other_adults,
        a.resident_id IS NOT NULL AS adults_apart,
        -- 親の候補の兄弟姉妹が複数いると、こどもどうしがきょうだいか、いとこかは分からない。
        c.parent_unit IS NULL
            OR (c.parent_unit <> '' AND c.parent_unit NOT LIKE '%親' AND coalesce(n.own_line, 0) > 1) AS unclear,
        CASE
            WHEN c.parent_unit IS NULL THEN NULL
            WHEN c.parent_unit = '' OR c.parent_unit LIKE '%親'
                THEN least(2, coalesce(n.own_line + n.spouses, 0))
            -- 候補が複数いて、その配偶者もいるとき、又は候補が同居人どうしのときは、何人が親かを決められない。
            WHEN n.own_line > 1 AND (n.spouses > 0 OR c.parent_unit = '同居人') THEN NULL
            ELSE least(1, coalesce(n.own_line, 0)) + least(1, coalesce(n.spouses, 0))
        END AS parents
    FROM child c
    LEFT JOIN counted n ON n.resident_id = c.resident_id
    LEFT JOIN apart a ON a.resident_id = c.resident_id
)
SELECT
    j.resident_id,
    j.household_id,
    CASE
        WHEN p.household_id IS NULL THEN j.dwelling_key
        ELSE substr(md5('household ' || j.household_id), 1, 16)
    END AS dwelling_id,
    j.birth_date,
    j.status,
    greatest(j.grade, 0) AS grade,
    j.sex,
    j.town_code,
    CAST(coalesce(h.hh_size, 0) AS INTEGER) AS hh_size,
    CAST(coalesce(h.n_children, 0) AS INTEGER) AS n_children,
    CAST(CASE WHEN h.household_id IS NULL THEN 0 ELSE h.n_adults END AS INTEGER) AS n_adults,
    CAST(CASE WHEN j.parent_unit IS NULL OR (j.unclear AND j.siblings > 0) THEN NULL ELSE j.siblings END
        AS INTEGER) AS n_siblings,
    CAST(CASE WHEN j.parent_unit IS NULL OR (j.unclear AND j.siblings_u6 > 0) THEN NULL ELSE j.siblings_u6 END
        AS INTEGER) AS n_siblings_u6,
    CAST(CASE WHEN j.parents = 0 AND j.adults_apart THEN NULL ELSE j.parents END AS INTEGER) AS parent_count,
    CASE WHEN h.household_id IS NULL THEN false ELSE h.has_75plus END AS has_75plus,
    CASE
        WHEN j.parent_unit IS NULL THEN NULL
        WHEN j.grandparents = 0 OR j.other_adults > 0 THEN false
        WHEN j.adults_apart THEN NULL
        ELSE true
    END AS hh_single_generation_skip
FROM judged j
LEFT JOIN household h ON h.household_id = j.household_id
LEFT JOIN hidden p ON p.household_id = j.household_id
