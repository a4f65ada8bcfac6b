# By the name of the bucket
terraform import awsbilling_cur_bucket.example example-cost-reports

# With the role that the resource's assume_role names
terraform import awsbilling_cur_bucket.example example-cost-reports,arn:aws:iam::999988887777:role/example-billing
