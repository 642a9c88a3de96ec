SELECT person_id FROM jumin.register WHERE state = '転出'
