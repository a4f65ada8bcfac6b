# By the name of the role
terraform import awsbilling_cost_analyzer_connection.example awsbilling-cloudhealth

# With the role that the resource's assume_role names
terraform import awsbilling_cost_analyzer_connection.example awsbilling-cloudhealth,arn:aws:iam::111122223333:role/example-billing
