-- 照会の日に有効な要介護認定を一人一行で示す。区分変更で期間が重なるときは、始まりの新しいものをとる。
-- in_facility: 記録が空でも、サービスが施設入所なら施設にいるとみなす。ほかに手がかりがなければ自宅にいるとみなす。
-- 空のまま除くと、介護のある世帯が介護のない世帯に見えるためで、記録の有無は in_facility_known に残す。
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY resident_id
            ORDER BY valid_from DESC, valid_to DESC, list_position(
                ['非該当', '事業対象者', '要支援1', '要支援2', '要介護1', '要介護2', '要介護3', '要介護4', '要介護5'],
                care_level) DESC, insured_no
        ) AS place
    FROM kaigo.certificate
    WHERE CAST($as_of AS DATE) BETWEEN valid_from AND valid_to
)
SELECT
    resident_id,
    care_level,
    services <> 'なし' AS any_service,
    coalesce(in_facility = '1', false) OR list_contains(string_split(services, '、'), '施設入所') AS in_facility,
    in_facility IS NOT NULL OR list_contains(string_split(services, '、'), '施設入所') AS in_facility_known,
    dementia_level,
    main_carer
FROM ranked
WHERE place = 1
