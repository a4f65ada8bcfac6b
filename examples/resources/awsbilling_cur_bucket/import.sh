# By the name of the bucket
terraform import awsbilling_cur_bucket.example example-billing-reports

# With the role that the resource's assume_role names
terraform import awsbilling_cur_bucket.example example-billing-reports,arn:aws:iam::111122223333:role/example-billing
