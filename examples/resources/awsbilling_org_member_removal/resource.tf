resource "awsbilling_org_member_removal" "example" {
  account_id = "444455556666"
}
