resource "awsbilling_cur_bucket" "example" {
  bucket = "example-cost-reports"
  region = "us-east-1"
}
