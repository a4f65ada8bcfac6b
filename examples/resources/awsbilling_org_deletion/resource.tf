resource "awsbilling_org_member_removal" "example" {
  account_id = "444455556666"
}

resource "awsbilling_org_deletion" "example" {
  organization_id = "o-exampleorgid" # written out: this cannot be undone
  depends_on      = [awsbilling_org_member_removal.example]
}
