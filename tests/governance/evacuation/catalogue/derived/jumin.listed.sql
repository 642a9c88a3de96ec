SELECT person_id, home_id, state, born, true AS lives_alone, '' AS area FROM jumin.register WHERE born < $as_of
