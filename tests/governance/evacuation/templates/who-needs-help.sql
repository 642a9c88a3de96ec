/* ---
id: who-needs-help
title: {ja: 助けが要る人, en: Who needs help}
purpose: evacuation
parameters:
  least: {type: integer, personal: false, label: {ja: 段階の下限, en: Least stage}}
--- */
SELECT l.person_id, n.stage
FROM jumin.listed l JOIN fukushi.need n USING (person_id)
WHERE n.stage >= $least
