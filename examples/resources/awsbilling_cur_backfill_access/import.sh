# By the name of the report
terraform import awsbilling_cur_backfill_access.example finance-daily

# With the role that the resource's assume_role names
terraform import awsbilling_cur_backfill_access.example finance-daily,arn:aws:iam::999988887777:role/example-billing
