-- 就学援助の区分を、一人一行で示す。今年度の認定がまだない時期は前年度のものをとる。年度の途中で取り消されたときは否認定とする。
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY resident_id ORDER BY fiscal_year DESC) AS place
    FROM kyoiku.shuen
    WHERE fiscal_year BETWEEN year(CAST($as_of AS DATE) - INTERVAL 3 MONTH) - 1
        AND year(CAST($as_of AS DATE) - INTERVAL 3 MONTH)
)
SELECT
    resident_id,
    CASE
        WHEN aid_class IN ('要保護', '準要保護') AND cancelled_on <= CAST($as_of AS DATE) THEN '否認定'
        ELSE aid_class
    END AS aid_class,
    unpaid
FROM ranked
WHERE place = 1
