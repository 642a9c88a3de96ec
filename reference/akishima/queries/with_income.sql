-- 経済的な困りごとの利用目的で、所得の額を取り出そうとする照会。
-- 税務の調査に由来する情報は、どの利用目的でも連携しない。使えるのは、給付の課が自らの事務で作った区分だけである（第12条）。
SELECT c.resident_id, c.grade, a.income_amount
FROM shimin.child c
JOIN kosodate.allowance a ON a.child_id = c.resident_id
