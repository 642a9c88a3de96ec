-- 照会の日に開始していて廃止されていない保護を、一人一行で示す。停止中は支給がなく、受給中と分ける。
-- 二つのケースにいる人は、受給中のものをとる。
SELECT resident_id, CASE WHEN bool_or(aid_state = '受給中') THEN '受給中' ELSE '停止中' END AS aid_state
FROM seifuku.welfare
WHERE aid_start <= CAST($as_of AS DATE)
    AND (aid_end IS NULL OR aid_end > CAST($as_of AS DATE))
    AND aid_state <> '廃止'
GROUP BY resident_id
