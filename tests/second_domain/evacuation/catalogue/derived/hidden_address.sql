SELECT resident_id FROM bosai.resident WHERE hidden = '有'
