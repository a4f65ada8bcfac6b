# By the name of the report
terraform import awsbilling_cur_report_definition.example hourly-resources

# With the role that the resource's assume_role names
terraform import awsbilling_cur_report_definition.example hourly-resources,arn:aws:iam::111122223333:role/example-billing
